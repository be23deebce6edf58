-- 科研管理系统（kyxt）：项目、成果、经费、学术活动，科研处主管

create table ky_dm_xmlb (
    dm varchar(2)  primary key,
    mc varchar(40) not null
);
comment on table ky_dm_xmlb is '项目类别码';
comment on column ky_dm_xmlb.dm is '代码';
comment on column ky_dm_xmlb.mc is '名称';
insert into ky_dm_xmlb values
    ('11', '国家级项目'), ('21', '省部级项目'), ('31', '市级项目'), ('41', '校级项目'),
    ('51', '横向项目');

create table ky_dm_xk (
    dm varchar(3)  primary key,
    mc varchar(60) not null
);
comment on table ky_dm_xk is '学科码（GB/T 13745 一级学科）';
comment on column ky_dm_xk.dm is '代码';
comment on column ky_dm_xk.mc is '名称';
insert into ky_dm_xk values
    ('410', '工程与技术科学基础学科'), ('420', '测绘科学技术'),
    ('460', '机械工程'), ('520', '计算机科学技术'),
    ('880', '教育学');

create table ky_dm_cglx (
    dm varchar(2)  primary key,
    mc varchar(30) not null
);
comment on table ky_dm_cglx is '成果类型码';
comment on column ky_dm_cglx.dm is '代码';
comment on column ky_dm_cglx.mc is '名称';
insert into ky_dm_cglx values
    ('1', '论文'), ('2', '著作与教材'), ('3', '专利'), ('4', '软件著作权'),
    ('5', '获奖');

create table ky_xm (
    xmbh  varchar(20)   primary key,
    xmmc  varchar(200)  not null,
    xmlb  varchar(2)    not null references ky_dm_xmlb (dm),
    xkdm  varchar(3)    references ky_dm_xk (dm),
    fzrgh varchar(10)   not null,
    yxdm  varchar(2),
    lxrq  date,
    jxrq  date,
    pzje  numeric(12,2),
    zt    varchar(10)
);
comment on table ky_xm is '科研项目表';
comment on column ky_xm.xmbh is '项目编号';
comment on column ky_xm.xmmc is '项目名称';
comment on column ky_xm.xmlb is '项目类别码';
comment on column ky_xm.xkdm is '学科码';
comment on column ky_xm.fzrgh is '负责人工号';
comment on column ky_xm.yxdm is '所属院系';
comment on column ky_xm.lxrq is '立项日期';
comment on column ky_xm.jxrq is '计划结项日期';
comment on column ky_xm.pzje is '批准经费（元）';
comment on column ky_xm.zt is '项目状态';
insert into ky_xm values
    ('KY2023001', '基于物联网的实训室能耗监测研究', '41', '520', 'G2001', '01', '2023-05-10', '2025-05-09', 20000.00, '在研'),
    ('KY2023007', '高职机电类专业群课程体系构建研究', '31', '880', 'G2003', '02', '2023-06-15', '2025-06-14', 50000.00, '在研'),
    ('HX2024002', '某型夹具自动化改造技术服务', '51', '460', 'G2003', '02', '2024-03-01', '2024-12-31', 120000.00, '结项');

create table ky_xmcy (
    xmbh varchar(20)  not null references ky_xm (xmbh),
    gh   varchar(10)  not null,
    pm   smallint,
    fg   varchar(100),
    primary key (xmbh, gh)
);
comment on table ky_xmcy is '项目成员表';
comment on column ky_xmcy.xmbh is '项目编号';
comment on column ky_xmcy.gh is '成员工号';
comment on column ky_xmcy.pm is '排名';
comment on column ky_xmcy.fg is '分工';
insert into ky_xmcy values
    ('KY2023001', 'G2001', 1, '总体设计'),
    ('KY2023001', 'G2004', 2, '数据采集'),
    ('HX2024002', 'G2003', 1, '方案设计');

create table ky_xmjc (
    id   bigint      primary key,
    xmbh varchar(20) not null references ky_xm (xmbh),
    jclx varchar(10) not null,
    jcrq date,
    jg   varchar(10)
);
comment on table ky_xmjc is '项目检查与结项表';
comment on column ky_xmjc.id is '记录号';
comment on column ky_xmjc.xmbh is '项目编号';
comment on column ky_xmjc.jclx is '类型（中期、结项）';
comment on column ky_xmjc.jcrq is '日期';
comment on column ky_xmjc.jg is '结果';
insert into ky_xmjc values
    (1, 'KY2023001', '中期', '2024-05-20', '通过'),
    (2, 'HX2024002', '结项', '2025-01-10', '通过');

create table ky_jfdz (
    dzid bigint        primary key,
    xmbh varchar(20)   not null references ky_xm (xmbh),
    dzje numeric(12,2) not null,
    dzrq date          not null,
    lkdw varchar(100)
);
comment on table ky_jfdz is '科研经费到账表';
comment on column ky_jfdz.dzid is '到账编号';
comment on column ky_jfdz.xmbh is '项目编号';
comment on column ky_jfdz.dzje is '到账金额（元）';
comment on column ky_jfdz.dzrq is '到账日期';
comment on column ky_jfdz.lkdw is '来款单位';
insert into ky_jfdz values
    (1, 'KY2023001', 20000.00, '2023-06-01', '学校财务'),
    (2, 'HX2024002', 60000.00, '2024-03-15', '示例装备制造有限公司'),
    (3, 'HX2024002', 60000.00, '2024-12-20', '示例装备制造有限公司');

create table ky_jfzc (
    zcid bigint        primary key,
    xmbh varchar(20)   not null references ky_xm (xmbh),
    km   varchar(40)   not null,
    je   numeric(12,2) not null,
    zcrq date,
    pzh  varchar(20)
);
comment on table ky_jfzc is '科研经费支出表';
comment on column ky_jfzc.zcid is '支出编号';
comment on column ky_jfzc.xmbh is '项目编号';
comment on column ky_jfzc.km is '支出科目';
comment on column ky_jfzc.je is '金额（元）';
comment on column ky_jfzc.zcrq is '支出日期';
insert into ky_jfzc values
    (1, 'KY2023001', '设备费', 6800.00, '2023-09-12', NULL),
    (2, 'KY2023001', '差旅费', 1560.00, '2024-04-18', NULL),
    (3, 'HX2024002', '材料费', 22400.00, '2024-06-05', NULL);

create table ky_cg (
    cgid bigint       primary key,
    cgmc varchar(200) not null,
    cglx varchar(2)   not null references ky_dm_cglx (dm),
    dyzz varchar(10),
    fbrq date,
    cbdw varchar(100),
    djjb varchar(20)
);
comment on table ky_cg is '科研成果登记表';
comment on column ky_cg.cgid is '成果编号';
comment on column ky_cg.cgmc is '成果名称';
comment on column ky_cg.cglx is '成果类型码';
comment on column ky_cg.dyzz is '第一作者工号';
comment on column ky_cg.fbrq is '发表或授权日期';
comment on column ky_cg.cbdw is '刊物或授予单位';
comment on column ky_cg.djjb is '级别';
insert into ky_cg values
    (1, '实训室能耗监测系统设计', '1', 'G2001', '2024-08-15', '示例学报', '一般期刊'),
    (2, '电气控制技术（活页式教材）', '2', 'G2003', '2024-02-01', '示例出版社', NULL),
    (3, '实训室能耗采集软件 V1.0', '4', 'G2004', '2024-10-11', '国家版权局', NULL);

create table ky_zl (
    zlid bigint       primary key,
    zlmc varchar(200) not null,
    zllx varchar(20),
    sqh  varchar(30),
    sqrq date,
    flzt varchar(20),
    jsjd text
);
comment on table ky_zl is '专利申请表';
comment on column ky_zl.zlid is '专利编号';
comment on column ky_zl.zlmc is '专利名称';
comment on column ky_zl.zllx is '专利类型';
comment on column ky_zl.sqh is '申请号';
comment on column ky_zl.sqrq is '申请日';
comment on column ky_zl.flzt is '法律状态';
comment on column ky_zl.jsjd is '技术交底内容';
insert into ky_zl values
    (1, '一种快换式夹具', '实用新型', NULL, '2024-05-20', '授权', NULL),
    (2, '一种能耗异常检测方法', '发明', NULL, '2024-11-02', '实质审查', NULL);

create table ky_xshd (
    hdid bigint       primary key,
    hdmc varchar(200) not null,
    hdsj timestamp,
    dd   varchar(60),
    zjr  varchar(60)
);
comment on table ky_xshd is '学术活动表';
comment on column ky_xshd.hdid is '活动编号';
comment on column ky_xshd.hdmc is '活动名称';
comment on column ky_xshd.hdsj is '举办时间';
comment on column ky_xshd.dd is '地点';
comment on column ky_xshd.zjr is '主讲人';
insert into ky_xshd values
    (1, '职业教育数字化转型讲座', '2024-11-15 14:00:00', '图书信息楼报告厅', '校外专家甲');

create table ky_yxtz (
    id   bigint        primary key,
    yxdm varchar(2)    not null,
    nd   char(4)       not null,
    xms  smallint,
    lws  smallint,
    jfze numeric(12,2)
);
comment on table ky_yxtz is '院系科研台账';
comment on column ky_yxtz.id is '台账编号';
comment on column ky_yxtz.yxdm is '院系代码';
comment on column ky_yxtz.nd is '年度';
comment on column ky_yxtz.xms is '项目数';
comment on column ky_yxtz.lws is '论文数';
comment on column ky_yxtz.jfze is '经费总额（元）';
insert into ky_yxtz values
    (1, '01', '2024', 6, 12, 85000.00), (2, '02', '2024', 9, 15, 236000.00);

create view v_ky_cggk as
select c.cgid, c.cgmc, l.mc as cglx, c.fbrq, c.cbdw, c.djjb
  from ky_cg c join ky_dm_cglx l on l.dm = c.cglx;
comment on view v_ky_cggk is '科研成果公示视图';

-- 教学质量评价系统（zlpj）：学生评教、督导听课、质量报告，教学质量监控中心主管

create table zl_dm_pjlx (
    dm varchar(2)  primary key,
    mc varchar(30) not null
);
comment on table zl_dm_pjlx is '评价类型码';
comment on column zl_dm_pjlx.dm is '代码';
comment on column zl_dm_pjlx.mc is '名称';
insert into zl_dm_pjlx values
    ('1', '学生评教'), ('2', '同行评教'), ('3', '督导评教'), ('4', '领导听课');

create table zl_dm_dj (
    dm char(1)      primary key,
    mc varchar(10)  not null,
    xx numeric(5,1)
);
comment on table zl_dm_dj is '评价等级码';
comment on column zl_dm_dj.dm is '代码';
comment on column zl_dm_dj.mc is '等级';
comment on column zl_dm_dj.xx is '分数下限';
insert into zl_dm_dj values
    ('A', '优秀', 90.0), ('B', '良好', 80.0), ('C', '合格', 60.0), ('D', '不合格', 0.0);

create table zl_zbtx (
    zbid integer      primary key,
    sjzb integer      references zl_zbtx (zbid),
    zbmc varchar(100) not null,
    qz   numeric(5,2),
    pjlx varchar(2)   references zl_dm_pjlx (dm),
    bbh  varchar(10)
);
comment on table zl_zbtx is '评价指标体系表';
comment on column zl_zbtx.zbid is '指标编号';
comment on column zl_zbtx.sjzb is '上级指标';
comment on column zl_zbtx.zbmc is '指标名称';
comment on column zl_zbtx.qz is '权重（百分比）';
comment on column zl_zbtx.pjlx is '适用评价类型';
insert into zl_zbtx values
    (1, NULL, '教学态度', 20.00, '1', '2024'),
    (2, NULL, '教学内容', 40.00, '1', '2024'),
    (3, NULL, '教学效果', 40.00, '1', '2024'),
    (4, 2, '内容与岗位要求结合', 20.00, '1', '2024');

create table zl_pjpc (
    pcid integer     primary key,
    pcmc varchar(80) not null,
    xnxq varchar(11) not null,
    pjlx varchar(2)  not null references zl_dm_pjlx (dm),
    kssj timestamp,
    jssj timestamp,
    zt   char(1)     default 0
);
comment on table zl_pjpc is '评价批次表';
comment on column zl_pjpc.pcid is '批次编号';
comment on column zl_pjpc.pcmc is '批次名称';
comment on column zl_pjpc.xnxq is '学年学期';
comment on column zl_pjpc.pjlx is '评价类型';
comment on column zl_pjpc.kssj is '开始时间';
comment on column zl_pjpc.jssj is '结束时间';
comment on column zl_pjpc.zt is '状态';
insert into zl_pjpc values
    (1, '2024-2025-1 学生评教', '2024-2025-1', '1', '2024-12-16 08:00:00', '2024-12-29 23:59:59', '2'),
    (2, '2024-2025-1 督导听课', '2024-2025-1', '3', '2024-09-09 08:00:00', '2025-01-03 18:00:00', '2');

create table zl_xspj (
    id   bigint       primary key,
    pcid integer      not null references zl_pjpc (pcid),
    xh   varchar(12)  not null,
    jsgh varchar(10)  not null,
    kch  varchar(10)  not null,
    zbid integer      not null references zl_zbtx (zbid),
    df   numeric(5,1),
    zgpj varchar(500),
    tjsj timestamp
);
comment on table zl_xspj is '学生评教明细表';
comment on column zl_xspj.id is '明细编号';
comment on column zl_xspj.pcid is '批次编号';
comment on column zl_xspj.xh is '学号';
comment on column zl_xspj.jsgh is '被评教师工号';
comment on column zl_xspj.kch is '课程号';
comment on column zl_xspj.zbid is '指标编号';
comment on column zl_xspj.df is '得分';
comment on column zl_xspj.zgpj is '主观评价';
comment on column zl_xspj.tjsj is '提交时间';
insert into zl_xspj values
    (1, 1, '2023010101', 'G2001', 'B010002', 1, 95.0, NULL, '2024-12-18 20:11:00'),
    (2, 1, '2023010101', 'G2001', 'B010002', 2, 92.0, '案例丰富', '2024-12-18 20:11:00'),
    (3, 1, '2023020101', 'G2003', 'B020001', 1, 90.0, NULL, '2024-12-19 12:40:00');

create table zl_pjjg (
    pcid integer      not null references zl_pjpc (pcid),
    jsgh varchar(10)  not null,
    yxdm varchar(2),
    cprs integer,
    zf   numeric(5,2),
    dj   char(1)      references zl_dm_dj (dm),
    primary key (pcid, jsgh)
);
comment on table zl_pjjg is '教师评价结果表';
comment on column zl_pjjg.pcid is '批次编号';
comment on column zl_pjjg.jsgh is '教师工号';
comment on column zl_pjjg.yxdm is '所在院系';
comment on column zl_pjjg.cprs is '参评人数';
comment on column zl_pjjg.zf is '总分';
comment on column zl_pjjg.dj is '评价等级';
insert into zl_pjjg values
    (1, 'G2001', '01', 41, 93.50, 'A'), (1, 'G2003', '02', 44, 87.20, 'B'),
    (2, 'G2001', '01', 2, 91.00, 'A');

create table zl_tkjl (
    tkid bigint       primary key,
    pcid integer      references zl_pjpc (pcid),
    tkr  varchar(10)  not null,
    jsgh varchar(10)  not null,
    kch  varchar(10),
    tksj timestamp,
    pf   numeric(5,1),
    yj   text
);
comment on table zl_tkjl is '督导听课记录表';
comment on column zl_tkjl.tkid is '听课编号';
comment on column zl_tkjl.pcid is '批次编号';
comment on column zl_tkjl.tkr is '听课人工号';
comment on column zl_tkjl.jsgh is '授课教师工号';
comment on column zl_tkjl.kch is '课程号';
comment on column zl_tkjl.tksj is '听课时间';
comment on column zl_tkjl.pf is '评分';
comment on column zl_tkjl.yj is '意见与建议';
insert into zl_tkjl values
    (1, 2, 'G3001', 'G2001', 'B010002', '2024-10-14 08:00:00', 91.0, '课堂组织有序，建议增加项目练习'),
    (2, 2, 'G3001', 'G2003', 'B020001', '2024-10-24 14:00:00', 86.0, '板书清晰，互动偏少');

create table zl_jxjc (
    jcid bigint      primary key,
    jclx varchar(20) not null,
    yxdm varchar(2)  not null,
    jcrq date,
    wt   text,
    zgqx date,
    zgqk text
);
comment on table zl_jxjc is '教学检查记录表';
comment on column zl_jxjc.jcid is '检查编号';
comment on column zl_jxjc.jclx is '检查类型（期初、期中、期末）';
comment on column zl_jxjc.yxdm is '受检院系';
comment on column zl_jxjc.jcrq is '检查日期';
comment on column zl_jxjc.wt is '发现问题';
comment on column zl_jxjc.zgqx is '整改期限';
comment on column zl_jxjc.zgqk is '整改情况';
insert into zl_jxjc values
    (1, '期中', '01', '2024-11-05', '个别教案更新不及时', '2024-11-20', '已整改'),
    (2, '期中', '02', '2024-11-06', '实训记录不完整', '2024-11-20', '已整改');

create table zl_xyzk (
    id   bigint       primary key,
    yxdm varchar(2)   not null,
    nd   char(4)      not null,
    zpdf numeric(5,1),
    zpbg text,
    tbsj timestamp
);
comment on table zl_xyzk is '院系教学质量自评表';
comment on column zl_xyzk.id is '自评编号';
comment on column zl_xyzk.yxdm is '院系代码';
comment on column zl_xyzk.nd is '年度';
comment on column zl_xyzk.zpdf is '自评得分';
comment on column zl_xyzk.zpbg is '自评报告摘要';
insert into zl_xyzk values
    (1, '01', '2024', 92.0, '专业建设成效明显', '2024-12-10 10:00:00'),
    (2, '02', '2024', 90.5, '实训条件持续改善', '2024-12-11 15:00:00');

create table zl_zlbg (
    nd   char(4)      primary key,
    bgmc varchar(100) not null,
    fbrq date,
    url  varchar(200)
);
comment on table zl_zlbg is '质量年度报告表';
comment on column zl_zlbg.nd is '年度';
comment on column zl_zlbg.bgmc is '报告名称';
comment on column zl_zlbg.fbrq is '发布日期';
comment on column zl_zlbg.url is '公开网址';
insert into zl_zlbg values
    ('2023', '2023 年职业教育质量年度报告', '2024-01-10', 'https://www.school.example/zlbg/2023'),
    ('2024', '2024 年职业教育质量年度报告', '2025-01-10', 'https://www.school.example/zlbg/2024');

create view v_zl_yxhz as
select pcid, yxdm, count(*) as jsrs, round(avg(zf), 2) as pjf
  from zl_pjjg
 group by pcid, yxdm;
comment on view v_zl_yxhz is '院系评教汇总视图';

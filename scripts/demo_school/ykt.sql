-- 校园一卡通系统（ykt）：卡户、消费、门禁、校医院与用户服务，后勤集团主管
-- 表前缀：ykt_ 一卡通，mj_ 门禁，yy_ 校医院，fw_ 服务工单

create table ykt_dm_klx (
    dm VARCHAR(2)  primary key,
    mc VARCHAR(20) not null
);
comment on table ykt_dm_klx is '卡类型码';
comment on column ykt_dm_klx.dm is '代码';
comment on column ykt_dm_klx.mc is '名称';
insert into ykt_dm_klx values
    ('1', '教工卡'), ('2', '学生卡'), ('3', '临时卡');

create table ykt_dm_jylx (
    dm VARCHAR(2)  primary key,
    mc VARCHAR(20) not null
);
comment on table ykt_dm_jylx is '交易类型码';
comment on column ykt_dm_jylx.dm is '代码';
comment on column ykt_dm_jylx.mc is '名称';
insert into ykt_dm_jylx values
    ('10', '充值'), ('20', '餐饮消费'), ('21', '超市消费'), ('30', '补助'),
    ('40', '退卡');

create table ykt_zh (
    kh   VARCHAR(20)   primary key,
    ryh  VARCHAR(12)   not null,
    xm   VARCHAR(60),
    klx  VARCHAR(2)    references ykt_dm_klx (dm),
    ye   NUMERIC(10,2) default 0,
    zt   CHAR(1)       default 1,
    fkrq DATE
);
comment on table ykt_zh is '卡账户表';
comment on column ykt_zh.kh is '卡号';
comment on column ykt_zh.ryh is '学号或工号';
comment on column ykt_zh.xm is '姓名';
comment on column ykt_zh.klx is '卡类型码';
comment on column ykt_zh.ye is '余额（元）';
comment on column ykt_zh.zt is '卡状态';
comment on column ykt_zh.fkrq is '发卡日期';
insert into ykt_zh values
    ('900000001', '2023010101', '学生甲', '2', 86.50, '1', '2023-09-02'),
    ('900000002', '2023010102', '学生乙', '2', 120.00, '1', '2023-09-02'),
    ('900000003', 'G2001', '教师甲', '1', 260.30, '1', '2018-09-01');

create table ykt_sh (
    shid INTEGER     primary key,
    shmc VARCHAR(60) not null,
    shlx VARCHAR(20),
    jsdw VARCHAR(60)
);
comment on table ykt_sh is '商户表';
comment on column ykt_sh.shid is '商户编号';
comment on column ykt_sh.shmc is '商户名称';
comment on column ykt_sh.shlx is '商户类型';
comment on column ykt_sh.jsdw is '结算单位';
insert into ykt_sh values
    (1, '第一食堂', '餐饮', '后勤集团'),
    (2, '第二食堂', '餐饮', '后勤集团'),
    (3, '校园超市', '零售', '示例商贸有限公司');

create table ykt_zd (
    zdbh VARCHAR(20) primary key,
    shid INTEGER     references ykt_sh (shid),
    zdlx VARCHAR(20),
    azwz VARCHAR(60)
);
comment on table ykt_zd is '终端设备表';
comment on column ykt_zd.zdbh is '终端编号';
comment on column ykt_zd.shid is '商户编号';
comment on column ykt_zd.zdlx is '终端类型';
comment on column ykt_zd.azwz is '安装位置';
insert into ykt_zd values
    ('P0001', 1, '消费机', '第一食堂 1 号窗口'),
    ('P0002', 1, '消费机', '第一食堂 2 号窗口'),
    ('P0101', 3, '收银机', '校园超市');

create table ykt_jyls (
    lsh  BIGINT        primary key,
    kh   VARCHAR(20)   not null references ykt_zh (kh),
    jylx VARCHAR(2)    not null references ykt_dm_jylx (dm),
    jyje NUMERIC(10,2) not null,
    jysj TIMESTAMP     not null,
    zdbh VARCHAR(20)   references ykt_zd (zdbh)
);
comment on table ykt_jyls is '交易流水表';
comment on column ykt_jyls.lsh is '流水号';
comment on column ykt_jyls.kh is '卡号';
comment on column ykt_jyls.jylx is '交易类型码';
comment on column ykt_jyls.jyje is '交易金额（元）';
comment on column ykt_jyls.jysj is '交易时间';
comment on column ykt_jyls.zdbh is '终端编号';
insert into ykt_jyls values
    (1, '900000001', '20', 12.50, '2024-10-10 11:52:10', 'P0001'),
    (2, '900000002', '20', 9.00, '2024-10-10 11:53:22', 'P0002'),
    (3, '900000001', '21', 5.50, '2024-10-10 18:20:05', 'P0101'),
    (4, '900000003', '10', 200.00, '2024-10-11 08:30:00', NULL);

create table ykt_shjs (
    jsid BIGINT        primary key,
    shid INTEGER       not null references ykt_sh (shid),
    jsrq DATE          not null,
    jsje NUMERIC(14,2) not null,
    cwqr BOOLEAN       default false
);
comment on table ykt_shjs is '商户结算表';
comment on column ykt_shjs.jsid is '结算编号';
comment on column ykt_shjs.shid is '商户编号';
comment on column ykt_shjs.jsrq is '结算日期';
comment on column ykt_shjs.jsje is '结算金额（元）';
comment on column ykt_shjs.cwqr is '财务是否确认';
insert into ykt_shjs values
    (1, 1, '2024-10-10', 18650.50, true), (2, 3, '2024-10-10', 4210.00, true);

create table ykt_bzff (
    ffid BIGINT        primary key,
    kh   VARCHAR(20)   not null references ykt_zh (kh),
    bzmc VARCHAR(40),
    je   NUMERIC(10,2),
    ffrq DATE
);
comment on table ykt_bzff is '补助发放表';
comment on column ykt_bzff.ffid is '发放编号';
comment on column ykt_bzff.kh is '卡号';
comment on column ykt_bzff.bzmc is '补助名称';
comment on column ykt_bzff.je is '金额（元）';
comment on column ykt_bzff.ffrq is '发放日期';
insert into ykt_bzff values
    (1, '900000003', '教工餐补', 300.00, '2024-10-01');

create table ykt_gs (
    id   BIGINT      primary key,
    kh   VARCHAR(20) not null references ykt_zh (kh),
    czlx VARCHAR(10),
    czsj TIMESTAMP,
    qd   VARCHAR(20)
);
comment on column ykt_gs.id is '记录号';
comment on column ykt_gs.kh is '卡号';
comment on column ykt_gs.czlx is '操作类型';
comment on column ykt_gs.czsj is '操作时间';
insert into ykt_gs values
    (1, '900000002', '挂失', '2024-09-20 19:01:00', '移动端'),
    (2, '900000002', '解挂', '2024-09-21 08:05:00', '服务台');

create table mj_tx (
    txid BIGINT      primary key,
    kh   VARCHAR(20),
    mjd  VARCHAR(40) not null,
    txsj TIMESTAMP   not null,
    fx   VARCHAR(4)
);
comment on table mj_tx is '门禁通行记录表';
comment on column mj_tx.txid is '通行编号';
comment on column mj_tx.kh is '卡号';
comment on column mj_tx.mjd is '门禁点';
comment on column mj_tx.txsj is '通行时间';
comment on column mj_tx.fx is '方向';
insert into mj_tx values
    (1, '900000001', '东校门', '2024-10-10 07:45:00', '进'),
    (2, '900000003', '图书信息楼', '2024-10-10 07:58:00', '进');

create table mj_jkd (
    dwbh VARCHAR(20)  primary key,
    azwz VARCHAR(100) not null,
    sblx VARCHAR(20),
    lxts SMALLINT
);
comment on table mj_jkd is '视频监控点位表';
comment on column mj_jkd.dwbh is '点位编号';
comment on column mj_jkd.azwz is '安装位置';
comment on column mj_jkd.sblx is '设备类型';
comment on column mj_jkd.lxts is '录像保存天数';
insert into mj_jkd values
    ('V001', '东校门', '球机', 90),
    ('V002', '第一教学楼大厅', '枪机', 90);

create table mj_fk (
    fkid BIGINT       primary key,
    fkxm VARCHAR(60),
    bfbm VARCHAR(10),
    lfsj TIMESTAMP,
    lfsy VARCHAR(200)
);
comment on table mj_fk is '访客预约表';
comment on column mj_fk.fkid is '预约编号';
comment on column mj_fk.fkxm is '访客姓名';
comment on column mj_fk.bfbm is '被访部门';
comment on column mj_fk.lfsj is '来访时间';
comment on column mj_fk.lfsy is '来访事由';
insert into mj_fk values
    (1, '访客甲', '401', '2024-10-15 09:00:00', '设备巡检');

create table yy_jz (
    jzid BIGINT        primary key,
    ryh  VARCHAR(12)   not null,
    jzsj TIMESTAMP,
    zd   VARCHAR(200),
    cf   TEXT,
    fy   NUMERIC(10,2)
);
comment on table yy_jz is '校医院就诊记录表';
comment on column yy_jz.jzid is '就诊编号';
comment on column yy_jz.ryh is '学号或工号';
comment on column yy_jz.jzsj is '就诊时间';
comment on column yy_jz.zd is '诊断';
comment on column yy_jz.cf is '处方';
comment on column yy_jz.fy is '费用（元）';
insert into yy_jz values
    (1, '2023010102', '2024-11-04 09:20:00', '（内容略）', '（内容略）', 18.50);

create table yy_ypml (
    ypbm VARCHAR(20)  primary key,
    ypmc VARCHAR(60)  not null,
    gg   VARCHAR(40),
    dj   NUMERIC(8,2)
);
comment on table yy_ypml is '药品目录表';
comment on column yy_ypml.ypbm is '药品编码';
comment on column yy_ypml.ypmc is '药品名称';
comment on column yy_ypml.gg is '规格';
comment on column yy_ypml.dj is '单价（元）';
insert into yy_ypml values
    ('YP0001', '示例感冒颗粒', '10 克×9 袋', 12.80),
    ('YP0002', '示例消毒液', '100 毫升', 6.00);

create table fw_gd (
    gdid BIGINT       primary key,
    ryh  VARCHAR(12),
    gdlx VARCHAR(20)  not null,
    nr   VARCHAR(300),
    clzt VARCHAR(10),
    tjsj TIMESTAMP,
    pf   SMALLINT
);
comment on table fw_gd is '用户服务工单表';
comment on column fw_gd.gdid is '工单编号';
comment on column fw_gd.ryh is '报修人';
comment on column fw_gd.gdlx is '工单类型';
comment on column fw_gd.nr is '问题描述';
comment on column fw_gd.clzt is '处理状态';
comment on column fw_gd.tjsj is '提交时间';
comment on column fw_gd.pf is '满意度评分';
insert into fw_gd values
    (1, '2023010101', '补卡', '卡片损坏，申请补卡', '已完成', '2024-10-12 12:10:00', 5),
    (2, 'G2001', '消费异常', '重复扣款核对', '已完成', '2024-10-14 12:40:00', 4);

create view v_ykt_rxf as
select s.shmc, date(j.jysj) as rq, count(*) as bs, sum(j.jyje) as je
  from ykt_jyls j
  join ykt_zd z on z.zdbh = j.zdbh
  join ykt_sh s on s.shid = z.shid
 group by s.shmc, date(j.jysj);
comment on view v_ykt_rxf is '每日消费汇总视图';

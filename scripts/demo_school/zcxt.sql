-- 资产与实训室管理系统（zcxt）：固定资产、设备、房产、实训室，资产处主管，实训室部分由实训中心维护
-- 表前缀：zc_ 资产，fc_ 房产，sx_ 实训室，jj_ 基建

create table zc_dm_fl (
    dm   VARCHAR(10) primary key,
    mc   VARCHAR(60) not null,
    zdnx SMALLINT
);
insert into zc_dm_fl values
    ('A01010000', '房屋', 50), ('A02010000', '信息化设备', 6),
    ('A02020000', '办公设备', 6), ('A02050000', '机械设备', 10),
    ('A05010000', '家具', 15);

create table zc_dm_zt (
    dm VARCHAR(2)  primary key,
    mc VARCHAR(20) not null
);
insert into zc_dm_zt values
    ('1', '在用'), ('2', '闲置'), ('3', '待报废'), ('4', '已处置');

create table zc_kp (
    zcbh VARCHAR(20)   primary key,
    zcmc VARCHAR(100)  not null,
    fldm VARCHAR(10)   not null references zc_dm_fl (dm),
    gzrq DATE,
    yz   NUMERIC(14,2) not null,
    sydw VARCHAR(10),
    syr  VARCHAR(10),
    cfdd VARCHAR(60),
    zt   VARCHAR(2)    references zc_dm_zt (dm)
);
insert into zc_kp values
    ('ZC20200001', '台式计算机', 'A02010000', '2020-09-10', 5200.00, '301', 'G2001', '信息楼 402', '1'),
    ('ZC20220015', '工业机器人工作站', 'A02050000', '2022-11-20', 386000.00, '403', NULL, '实训楼 101', '1'),
    ('ZC20120230', '激光打印机', 'A02020000', '2012-05-06', 2300.00, '202', NULL, '行政楼 203', '3');

create table zc_bd (
    bdid BIGINT       primary key,
    zcbh VARCHAR(20)  not null references zc_kp (zcbh),
    bdlx VARCHAR(10)  not null,
    bdrq DATE         not null,
    ydw  VARCHAR(10),
    xdw  VARCHAR(10),
    bz   VARCHAR(200)
);
insert into zc_bd values
    (1, 'ZC20200001', '调拨', '2023-03-10', '202', '301', NULL),
    (2, 'ZC20120230', '报废', '2024-10-20', '202', NULL, '待技术鉴定');

create table zc_pd (
    pdid BIGINT      primary key,
    nd   CHAR(4)     not null,
    zcbh VARCHAR(20) not null references zc_kp (zcbh),
    pdjg VARCHAR(10),
    pdrq DATE
);
insert into zc_pd values
    (1, '2024', 'ZC20200001', '账实相符', '2024-11-12'),
    (2, '2024', 'ZC20220015', '账实相符', '2024-11-14');

create table zc_dsyq (
    zcbh  VARCHAR(20)  primary key references zc_kp (zcbh),
    xh    VARCHAR(60),
    gyqk  VARCHAR(100),
    nsyjs INTEGER,
    glr   VARCHAR(10)
);
insert into zc_dsyq values
    ('ZC20220015', 'IRB-DEMO', '校内外预约使用', 1260, 'G2003');

create table zc_sbwx (
    wxid BIGINT        primary key,
    zcbh VARCHAR(20)   not null references zc_kp (zcbh),
    gzms VARCHAR(200),
    bxsj TIMESTAMP,
    wxfy NUMERIC(10,2),
    wxzt VARCHAR(10)
);
insert into zc_sbwx values
    (1, 'ZC20220015', '示教器触摸屏失灵', '2024-09-18 10:05:00', 1800.00, '已修复');

create table fc_fw (
    fwbh VARCHAR(10)   primary key,
    fwmc VARCHAR(60)   not null,
    xqdm VARCHAR(2),
    jzmj NUMERIC(12,2),
    jcnf CHAR(4),
    cqzh VARCHAR(40),
    fwyt VARCHAR(20)
);
insert into fc_fw values
    ('F001', '第一教学楼', '1', 18600.00, '1998', NULL, '教学'),
    ('F002', '实训楼', '1', 15200.00, '2009', NULL, '实训'),
    ('F003', '图书信息楼', '1', 12800.00, '2003', NULL, '图书');

create table fc_fj (
    fjbh VARCHAR(20)  primary key,
    fwbh VARCHAR(10)  not null references fc_fw (fwbh),
    mj   NUMERIC(8,2),
    sydw VARCHAR(10),
    yt   VARCHAR(20)
);
insert into fc_fj values
    ('F001-101', 'F001', 120.00, '202', '教室'),
    ('F002-101', 'F002', 260.00, '403', '实训室'),
    ('F002-305', 'F002', 110.00, '403', '机房');

create table fc_zzfp (
    fpid BIGINT       primary key,
    gh   VARCHAR(10)  not null,
    fjbh VARCHAR(20),
    zj   NUMERIC(8,2),
    rzrq DATE
);
insert into fc_zzfp values
    (1, 'G2004', 'Z001-302', 600.00, '2022-09-01');

create table jj_xm (
    xmbh VARCHAR(20)   primary key,
    xmmc VARCHAR(100)  not null,
    tzje NUMERIC(16,2),
    kgrq DATE,
    jgrq DATE,
    jd   VARCHAR(20)
);
insert into jj_xm values
    ('JJ2023-01', '实训楼二期工程', 46000000.00, '2023-10-08', NULL, '主体施工'),
    ('JJ2022-03', '学生公寓修缮', 3800000.00, '2022-07-05', '2022-08-28', '已竣工');

create table sx_sxs (
    sxsbh VARCHAR(10)   primary key,
    sxsmc VARCHAR(60)   not null,
    yxdm  VARCHAR(2),
    fjbh  VARCHAR(20)   references fc_fj (fjbh),
    gws   SMALLINT,
    sbzz  NUMERIC(14,2),
    fzrgh VARCHAR(10)
);
insert into sx_sxs values
    ('SX01', '工业机器人实训室', '02', 'F002-101', 32, 2790000.00, 'G2003'),
    ('SX02', '软件开发实训室', '01', 'F002-305', 50, 460000.00, 'G2001');

create table sx_yy (
    yyid  BIGINT       primary key,
    sxsbh VARCHAR(10)  not null references sx_sxs (sxsbh),
    yyr   VARCHAR(12)  not null,
    yysj  TIMESTAMP,
    sc    NUMERIC(4,1),
    shzt  CHAR(1)      default 0
);
insert into sx_yy values
    (1, 'SX01', 'G2003', '2024-10-12 14:00:00', 4.0, '2'),
    (2, 'SX02', '2023010101', '2024-10-13 09:00:00', 3.0, '2');

create table sx_hc (
    hcid  BIGINT        primary key,
    hcmc  VARCHAR(60)   not null,
    gg    VARCHAR(40),
    kcsl  NUMERIC(10,2),
    dj    NUMERIC(10,2),
    sxsbh VARCHAR(10)   references sx_sxs (sxsbh)
);
insert into sx_hc values
    (1, '气动接头', '8 毫米', 120.00, 6.50, 'SX01'),
    (2, '网络水晶头', '六类', 800.00, 1.20, 'SX02');

create table sx_aqjc (
    jcid  BIGINT       primary key,
    sxsbh VARCHAR(10)  not null references sx_sxs (sxsbh),
    jcrq  DATE         not null,
    aqyh  VARCHAR(300),
    zgzt  VARCHAR(10)
);
insert into sx_aqjc values
    (1, 'SX01', '2024-11-01', '灭火器临近有效期', '已整改'),
    (2, 'SX02', '2024-11-01', '无', '无需整改');

create view v_sx_pzqk as
select sxsbh, sxsmc, yxdm, gws, sbzz from sx_sxs;
comment on view v_sx_pzqk is '实训室配置情况视图（对外公开用）';

-- 数据字典注释
comment on table zc_dm_fl is '固定资产分类码（GB/T 14885）';
comment on column zc_dm_fl.dm is '分类代码';
comment on column zc_dm_fl.mc is '分类名称';
comment on column zc_dm_fl.zdnx is '最低使用年限';
comment on table zc_dm_zt is '资产状态码';
comment on column zc_dm_zt.dm is '代码';
comment on column zc_dm_zt.mc is '名称';
comment on table zc_kp is '固定资产卡片表';
comment on column zc_kp.zcbh is '资产编号';
comment on column zc_kp.zcmc is '资产名称';
comment on column zc_kp.fldm is '分类代码';
comment on column zc_kp.gzrq is '购置日期';
comment on column zc_kp.yz is '原值（元）';
comment on column zc_kp.sydw is '使用单位代码';
comment on column zc_kp.syr is '使用人工号';
comment on column zc_kp.cfdd is '存放地点';
comment on column zc_kp.zt is '状态码';
comment on table zc_bd is '资产变动表';
comment on column zc_bd.bdid is '变动编号';
comment on column zc_bd.zcbh is '资产编号';
comment on column zc_bd.bdlx is '变动类型（调拨、维修、报废）';
comment on column zc_bd.bdrq is '变动日期';
comment on column zc_bd.ydw is '原单位';
comment on column zc_bd.xdw is '新单位';
comment on table zc_pd is '资产盘点表';
comment on column zc_pd.pdid is '盘点编号';
comment on column zc_pd.nd is '年度';
comment on column zc_pd.zcbh is '资产编号';
comment on column zc_pd.pdjg is '盘点结果';
comment on column zc_pd.pdrq is '盘点日期';
comment on table zc_dsyq is '大型仪器设备表';
comment on column zc_dsyq.zcbh is '资产编号';
comment on column zc_dsyq.xh is '型号';
comment on column zc_dsyq.gyqk is '共享开放情况';
comment on column zc_dsyq.nsyjs is '年使用机时';
comment on column zc_dsyq.glr is '管理人工号';
comment on table zc_sbwx is '设备维修单';
comment on column zc_sbwx.wxid is '维修单号';
comment on column zc_sbwx.zcbh is '资产编号';
comment on column zc_sbwx.gzms is '故障描述';
comment on column zc_sbwx.bxsj is '报修时间';
comment on column zc_sbwx.wxfy is '维修费用（元）';
comment on column zc_sbwx.wxzt is '维修状态';
comment on table fc_fw is '房屋信息表';
comment on column fc_fw.fwbh is '房屋编号';
comment on column fc_fw.fwmc is '房屋名称';
comment on column fc_fw.xqdm is '校区代码';
comment on column fc_fw.jzmj is '建筑面积（平方米）';
comment on column fc_fw.jcnf is '建成年份';
comment on column fc_fw.cqzh is '产权证号';
comment on column fc_fw.fwyt is '房屋用途';
comment on table fc_fj is '房间使用表';
comment on column fc_fj.fjbh is '房间编号';
comment on column fc_fj.fwbh is '房屋编号';
comment on column fc_fj.mj is '使用面积（平方米）';
comment on column fc_fj.sydw is '使用单位代码';
comment on column fc_fj.yt is '用途';
comment on table fc_zzfp is '周转房分配表';
comment on column fc_zzfp.fpid is '分配编号';
comment on column fc_zzfp.gh is '住户工号';
comment on column fc_zzfp.fjbh is '房间编号';
comment on column fc_zzfp.zj is '月租金（元）';
comment on column fc_zzfp.rzrq is '入住日期';
comment on table jj_xm is '基建项目表';
comment on column jj_xm.xmbh is '基建项目编号';
comment on column jj_xm.xmmc is '项目名称';
comment on column jj_xm.tzje is '投资金额（元）';
comment on column jj_xm.kgrq is '开工日期';
comment on column jj_xm.jgrq is '竣工日期';
comment on column jj_xm.jd is '工程进度';
comment on table sx_sxs is '实训室信息表';
comment on column sx_sxs.sxsbh is '实训室编号';
comment on column sx_sxs.sxsmc is '实训室名称';
comment on column sx_sxs.yxdm is '服务院系';
comment on column sx_sxs.fjbh is '房间编号';
comment on column sx_sxs.gws is '工位数';
comment on column sx_sxs.sbzz is '设备总值（元）';
comment on column sx_sxs.fzrgh is '负责人工号';
comment on table sx_yy is '实训室预约表';
comment on column sx_yy.yyid is '预约编号';
comment on column sx_yy.sxsbh is '实训室编号';
comment on column sx_yy.yyr is '预约人';
comment on column sx_yy.yysj is '预约时间';
comment on column sx_yy.sc is '时长（小时）';
comment on column sx_yy.shzt is '审核状态';
comment on column sx_hc.hcid is '耗材编号';
comment on column sx_hc.hcmc is '耗材名称';
comment on column sx_hc.gg is '规格';
comment on column sx_hc.kcsl is '库存数量';
comment on column sx_hc.dj is '单价（元）';
comment on column sx_hc.sxsbh is '实训室编号';
comment on table sx_aqjc is '实训室安全检查表';
comment on column sx_aqjc.jcid is '检查编号';
comment on column sx_aqjc.sxsbh is '实训室编号';
comment on column sx_aqjc.jcrq is '检查日期';
comment on column sx_aqjc.aqyh is '安全隐患';
comment on column sx_aqjc.zgzt is '整改状态';
